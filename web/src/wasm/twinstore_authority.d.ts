// The server's half for tests, which wasm/testing builds; see authority_binding.cpp there.

export interface AuthorityBinding {
  /** Answers {} or an error. */
  open(optionsJson: string): string;
  /** The answer of POST /sync to one message. */
  exchange(text: string): string;
  /** The scopes that pushes have changed since the last call, as a JSON array. */
  takeChanged(): string;
  delete(): void;
}

export interface AuthorityModule {
  readonly AuthorityBinding: new () => AuthorityBinding;
}
