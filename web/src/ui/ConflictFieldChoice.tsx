import { type ReactNode, useId, useState } from 'react';
import { FieldValue } from './FieldValue.js';
import { fieldTitle, membersOf, valueText } from './fieldValues.js';
import type { ConflictField, FieldChoice } from './useConflictResolution.js';

export interface ConflictFieldChoiceProps {
  readonly field: ConflictField;
  readonly names: { readonly local: string; readonly remote: string };
  readonly choose: (field: string, choice: FieldChoice, custom?: unknown) => void;
}

/** The sides of one field as a group of radio buttons, and what comes of the choice. */
export function ConflictFieldChoice({ field, names, choose }: ConflictFieldChoiceProps): ReactNode {
  const group = useId();
  const sides: readonly (readonly [FieldChoice, string, unknown])[] = [
    ['base', 'Base', field.base],
    ['local', names.local, field.local],
    ['remote', names.remote, field.remote],
    ['suggested', 'Both, merged', field.suggested],
  ];
  return (
    <fieldset className="twin-field" data-contested={field.isContested || undefined}>
      <legend>{fieldTitle(field.name)}</legend>
      <div className="twin-sides">
        {sides.map(
          ([side, name, value]) =>
            (side !== 'suggested' || value !== undefined) && (
              <label className="twin-side" key={side} data-side={side}>
                <span className="twin-side-name">
                  <input
                    type="radio"
                    name={group}
                    aria-labelledby={`${group}-${side}-name`}
                    aria-describedby={`${group}-${side}-value`}
                    checked={field.choice === side}
                    onChange={() => choose(field.name, side)}
                  />
                  <span id={`${group}-${side}-name`}>{name}</span>
                </span>
                <span id={`${group}-${side}-value`} className="twin-side-value">
                  <FieldValue value={value} {...(side === 'base' ? {} : { base: field.base })} />
                </span>
              </label>
            ),
        )}
      </div>
      <Result field={field} choose={choose} />
    </fieldset>
  );
}

function Result({ field, choose }: Pick<ConflictFieldChoiceProps, 'field' | 'choose'>): ReactNode {
  const [isEditing, setEditing] = useState(false);
  const id = useId();
  const members = membersOf(field.result);
  const isText = typeof field.result === 'string' || members !== null;
  const close = (text: string) => {
    setEditing(false);
    const value = members === null ? text : readMembers(text);
    if (valueText(value) !== valueText(field.result)) choose(field.name, 'custom', value);
  };
  return (
    <div className="twin-side" data-side="result">
      <span className="twin-side-name">
        {isEditing ? <label htmlFor={id}>Result</label> : 'Result'}
        {isText && !isEditing && (
          <button type="button" className="twin-link" onClick={() => setEditing(true)}>
            Edit<span className="twin-hidden"> the result of {fieldTitle(field.name)}</span>
          </button>
        )}
      </span>
      {isEditing ? (
        <ResultEditor
          id={id}
          text={members === null ? valueText(field.result) : members.join(', ')}
          hint={members === null ? '' : 'Separate them by commas.'}
          onEnd={close}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <FieldValue value={field.result} />
      )}
    </div>
  );
}

function readMembers(text: string): readonly string[] {
  const members = text.split(',').map((member) => member.trim());
  return [...new Set(members.filter((member) => member !== ''))];
}

function ResultEditor(props: {
  id: string;
  text: string;
  hint: string;
  onEnd: (text: string) => void;
  onCancel: () => void;
}): ReactNode {
  const [text, setText] = useState(props.text);
  return (
    <span className="twin-editor">
      <textarea
        id={props.id}
        // biome-ignore lint/a11y/noAutofocus: the user just asked for this field
        autoFocus
        rows={text.length > 80 ? 4 : 1}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') props.onCancel();
        }}
      />
      {props.hint !== '' && <span className="twin-faint">{props.hint}</span>}
      <button type="button" className="twin-button" onClick={() => props.onEnd(text)}>
        Use this
      </button>
      <button type="button" className="twin-button" onClick={props.onCancel}>
        Cancel
      </button>
    </span>
  );
}
