import { useEffect } from 'react';

const SHOWN_MS = 10_000;

export function UndoToast(props: { text: string; onUndo: () => void; onEnd: () => void }) {
  const { onEnd } = props;
  useEffect(() => {
    const timer = setTimeout(onEnd, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [onEnd]);
  return (
    <div className="toast" role="status">
      <p>{props.text}</p>
      <button type="button" className="button" onClick={props.onUndo}>
        Undo
      </button>
    </div>
  );
}
