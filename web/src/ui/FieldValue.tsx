import { type ReactNode, useEffect, useState } from 'react';
import { isSameValue, membersOf, valueText } from './fieldValues.js';
import type { DiffPart } from './textDiff.js';

/** Shorter texts are read faster whole than marked. */
const diffLengthMin = 24;

/** A value, and what it was. */
export interface FieldValueProps {
  /** A set's members as an array of texts; a document as an object. */
  readonly value: unknown;
  /** What it was: the differences are marked. */
  readonly base?: unknown;
}

/** A field's value, as the conflict components show it; with `base`, what it changed is marked. */
export function FieldValue({ value, base }: FieldValueProps): ReactNode {
  const members = membersOf(value);
  const before = membersOf(base);
  if (members !== null) return <Members members={members} before={before} />;
  if (value === null || value === undefined) return <span className="twin-faint">no value</span>;
  const text = valueText(value);
  if (text === '') return <span className="twin-faint">empty text</span>;
  const earlier = base === undefined ? '' : valueText(base);
  const isCompared =
    earlier !== '' && !isSameValue(value, base) && text.length + earlier.length >= diffLengthMin;
  const isDocument = typeof value === 'object';
  return (
    <span className="twin-text" data-document={isDocument || undefined}>
      {isCompared ? <Compared before={earlier} after={text} /> : text}
    </span>
  );
}

function Members(props: {
  members: readonly string[];
  before: readonly string[] | null;
}): ReactNode {
  const { members, before } = props;
  const removed = (before ?? []).filter((member) => !members.includes(member));
  if (members.length + removed.length === 0) return <span className="twin-faint">none</span>;
  return (
    <span className="twin-members">
      {members.map((member) =>
        before === null || before.includes(member) ? (
          <span className="twin-member" key={member}>
            {member}
          </span>
        ) : (
          <ins className="twin-member" key={member}>
            {member}
          </ins>
        ),
      )}
      {removed.map((member) => (
        <del className="twin-member" key={member}>
          {member}
        </del>
      ))}
    </span>
  );
}

/** The whole text until the comparison is loaded: words do not jump, they only get their marks. */
function Compared({ before, after }: { before: string; after: string }): ReactNode {
  const [parts, setParts] = useState<readonly DiffPart[] | null>(null);
  useEffect(() => {
    let isWanted = true;
    import('./textDiff.js').then(
      ({ textDiff }) => isWanted && setParts(textDiff(before, after)),
      // Without it the text stands unmarked, which is still right.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [before, after]);
  if (parts === null) return after;
  return parts.map(({ kind, text }, at) => {
    const key = `${at} ${kind}`;
    if (kind === 'added') return <ins key={key}>{text}</ins>;
    if (kind === 'removed') return <del key={key}>{text}</del>;
    return <span key={key}>{text}</span>;
  });
}
