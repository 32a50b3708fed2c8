import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { styleText } from './styleText.js';

/**
 * Children in a shadow tree at the end of the page. Its style sheet is constructed, which a content
 * security policy without 'unsafe-inline' allows.
 */
export function ShadowRoot({ children }: { children: ReactNode }): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const [root, setRoot] = useState<globalThis.ShadowRoot | null>(null);
  useLayoutEffect(() => {
    if (host.current === null) return;
    // An element keeps its shadow tree when the effect runs a second time.
    const made = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styleText);
    made.adoptedStyleSheets = [sheet];
    setRoot(made);
  }, []);
  return (
    <div ref={host} data-twinstore-devtools="">
      {root !== null && createPortal(children, root)}
    </div>
  );
}
