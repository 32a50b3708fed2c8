// The line between the browsers and a server, as bytes: what the server says can be held back.
import { connect, createServer } from 'node:net';

export class Line {
  #sockets = new Set();
  #answers = new Set();
  #server;

  async open(to) {
    const { hostname, port } = new URL(to);
    this.#server = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          this.#answers.delete(far);
          near.destroy();
          far.destroy();
        });
      }
      this.#answers.add(far);
      near.pipe(far);
      far.on('data', (bytes) => near.write(bytes));
    });
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  /** Questions go on; no answer comes until `release`. */
  hold() {
    for (const socket of this.#answers) socket.pause();
  }

  release() {
    for (const socket of this.#answers) socket.resume();
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
