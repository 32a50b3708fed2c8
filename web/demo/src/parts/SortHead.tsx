import { useParameter } from '../router.ts';

export interface Column<K extends string> {
  readonly words: string;
  /** The name of its order; absent: rows cannot be ordered by it. */
  readonly by?: K;
  readonly isNumber?: boolean;
  /** The order of the first click, where that is the other way round: large and new come first. */
  readonly isDescending?: boolean;
}

export interface Order<K extends string> {
  readonly by: K;
  readonly isDescending: boolean;
}

/** The order of a table, kept in the address, where the natural one needs no word. */
export function useOrder<K extends string>(
  columns: readonly Column<K>[],
  natural: Order<K>,
): [Order<K>, (order: Order<K>) => void] {
  const [kept, keep] = useParameter('sort');
  const by = kept.replace(/^-/, '');
  const found = columns.find((column) => column.by !== undefined && column.by === by);
  const order =
    found?.by === undefined ? natural : { by: found.by, isDescending: kept.startsWith('-') };
  const set = (next: Order<K>) => {
    const isNatural = next.by === natural.by && next.isDescending === natural.isDescending;
    keep(isNatural ? '' : `${next.isDescending ? '-' : ''}${next.by}`);
  };
  return [order, set];
}

/** A table's head, whose words order the rows. */
export function SortHead<K extends string>(props: {
  columns: readonly Column<K>[];
  order: Order<K>;
  onOrder: (order: Order<K>) => void;
}) {
  const { columns, order, onOrder } = props;
  return (
    <thead>
      <tr className="table-head">
        {columns.map((column) => {
          const { by, words, isNumber } = column;
          const className = isNumber === true ? 'number' : undefined;
          if (by === undefined) {
            return (
              <th key={words} scope="col" className={className}>
                {words}
              </th>
            );
          }
          const isChosen = by === order.by;
          const turned = isChosen ? !order.isDescending : column.isDescending === true;
          return (
            <th key={words} scope="col" className={className} aria-sort={sortOf(isChosen, order)}>
              <button
                type="button"
                className="sort"
                onClick={() => onOrder({ by, isDescending: turned })}
              >
                {words}
                <svg className="sort-mark" viewBox="0 0 16 16" aria-hidden="true">
                  <path d={isChosen && order.isDescending ? 'M4 6l4 4 4-4' : 'M4 10l4-4 4 4'} />
                </svg>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function sortOf(isChosen: boolean, { isDescending }: Order<string>) {
  if (!isChosen) return undefined;
  return isDescending ? ('descending' as const) : ('ascending' as const);
}
