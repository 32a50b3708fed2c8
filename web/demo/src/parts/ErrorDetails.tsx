import { useState } from 'react';
import type { StoreError } from 'twinstore';

/** What to send to whoever can help. */
export function ErrorDetails({ error }: { error: StoreError }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    const facts = { code: error.code, message: error.message, app: __APP_VERSION__ };
    await navigator.clipboard.writeText(JSON.stringify({ ...facts, commit: __APP_COMMIT__ }));
    setCopied(true);
  };
  return (
    <button type="button" className="button" onClick={() => void copy().catch(() => undefined)}>
      {isCopied ? 'Copied' : `Copy details (${error.code})`}
    </button>
  );
}
