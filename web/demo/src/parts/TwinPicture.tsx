/** The idea in one picture: the same engine on both sides, and what passes between them. */
export function TwinPicture() {
  return (
    <svg
      className="twin-picture"
      viewBox="0 0 300 104"
      role="img"
      aria-label="A browser and a server, each with the same engine, exchange changes"
    >
      <rect className="twin-picture-side" x="1" y="10" width="104" height="84" rx="12" />
      <text className="twin-picture-name" x="53" y="32">
        browser
      </text>
      <rect className="twin-picture-engine" x="15" y="42" width="76" height="38" rx="8" />
      <text className="twin-picture-words" x="53" y="66">
        engine
      </text>
      <rect className="twin-picture-side" x="195" y="10" width="104" height="84" rx="12" />
      <text className="twin-picture-name" x="247" y="32">
        server
      </text>
      <rect className="twin-picture-engine" x="209" y="42" width="76" height="38" rx="8" />
      <text className="twin-picture-words" x="247" y="66">
        engine
      </text>
      <path className="twin-picture-line" d="M117 50H183M176 44l7 6-7 6" />
      <path className="twin-picture-line" d="M183 72H117M124 66l-7 6 7 6" />
      <text className="twin-picture-name" x="150" y="38">
        changes
      </text>
    </svg>
  );
}
