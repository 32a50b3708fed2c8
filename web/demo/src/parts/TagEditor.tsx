import { type KeyboardEvent, useRef, useState } from 'react';

const TAG_LENGTH_MAX = 40;

/**
 * The tags of one branch. Enter or a comma adds what is typed, Escape leaves, Backspace in the
 * empty field removes the last tag; after a removal the focus stays in this list.
 */
export function TagEditor(props: {
  branch: string;
  tags: readonly string[];
  onAdd: (tag: string) => void;
  onRemove: (tag: string) => void;
}) {
  const { branch, tags } = props;
  const [isAdding, setAdding] = useState(false);
  const group = useRef<HTMLFieldSetElement>(null);

  const focus = (selector: string) =>
    requestAnimationFrame(() => group.current?.querySelector<HTMLElement>(selector)?.focus());

  const remove = (tag: string) => {
    const at = tags.indexOf(tag);
    const neighbour = tags[at + 1] ?? tags[at - 1];
    if (!isAdding) {
      focus(neighbour === undefined ? '.tag-add' : `[data-tag="${CSS.escape(neighbour)}"]`);
    }
    props.onRemove(tag);
  };
  const leave = () => {
    setAdding(false);
    focus('.tag-add');
  };
  return (
    <fieldset ref={group} className="tags">
      <legend className="visually-hidden">Tags of {branch}</legend>
      {tags.map((tag) => (
        <span className="tag" key={tag}>
          {tag}
          <button
            type="button"
            className="tag-remove"
            data-tag={tag}
            aria-label={`Remove tag ${tag} from ${branch}`}
            onClick={() => remove(tag)}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M5 5 11 11M11 5 5 11" />
            </svg>
          </button>
        </span>
      ))}
      {isAdding ? (
        <TagField
          branch={branch}
          onAdd={(tag) => {
            if (!tags.includes(tag)) props.onAdd(tag);
          }}
          onRemoveLast={() => {
            const last = tags.at(-1);
            if (last !== undefined) remove(last);
          }}
          onLeave={leave}
          onBlur={() => setAdding(false)}
        />
      ) : (
        <button
          type="button"
          className="tag-add"
          aria-label={`Add a tag to ${branch}`}
          onClick={() => setAdding(true)}
        >
          + tag
        </button>
      )}
    </fieldset>
  );
}

function TagField(props: {
  branch: string;
  onAdd: (tag: string) => void;
  onRemoveLast: () => void;
  onLeave: () => void;
  onBlur: () => void;
}) {
  const [text, setText] = useState('');
  const add = () => {
    const tag = text.trim();
    if (tag !== '') props.onAdd(tag);
    setText('');
    return tag !== '';
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') props.onLeave();
    else if (event.key === 'Backspace' && text === '') props.onRemoveLast();
    else if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      if (!add() && event.key === 'Enter') props.onLeave();
    }
  };
  return (
    <input
      className="tag-field"
      // biome-ignore lint/a11y/noAutofocus: the user just asked for this field
      autoFocus
      aria-label={`New tag of ${props.branch}`}
      placeholder="new tag"
      maxLength={TAG_LENGTH_MAX}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => {
        add();
        props.onBlur();
      }}
    />
  );
}
