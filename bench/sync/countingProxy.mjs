// A relay that counts what passes. It can make the server believe that nothing may be compressed.
import { connect, createServer } from 'node:net';

const asked = 'Accept-Encoding';

/** Returns { url, counts, close } for a relay to the server at `target`. */
export async function relay(target, isCompressed) {
  const { hostname, port } = new URL(target);
  const counts = { up: 0, down: 0 };
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => (sockets.delete(socket), client.destroy(), upstream.destroy()));
    }
    client.on('data', (bytes) => {
      counts.up += bytes.length;
      const at = isCompressed ? -1 : bytes.indexOf(asked);
      if (at >= 0) bytes.write('X'.repeat(asked.length), at);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      counts.down += bytes.length;
      client.write(bytes);
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    counts,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
