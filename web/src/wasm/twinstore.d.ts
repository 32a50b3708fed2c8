// The module that wasm/ builds; build.mjs copies twinstore.js and twinstore.wasm beside this file.

/** Answers are JSON texts; see wasm/src/bindings.cpp. */
export interface StoreBinding {
  open(optionsJson: string): string;
  salvage(optionsJson: string, target: string): string;
  close(): void;
  /** The text in UTF-8. */
  write(editsJson: Uint8Array): string;
  /** A result, or the text of an error. */
  query(sql: string, paramsJson: string): Uint8Array | string;
  watch(sql: string, paramsJson: string): string;
  unwatch(id: number): void;
  row(collection: string, keyJson: string): string;
  staleness(repoId: string, branchName: string, thresholdHours: number): string;
  staleBranches(repoId: string, thresholdHours: number): string;
  preview(): string;
  status(): string;
  connect(): string;
  subscribe(scope: string): string;
  nextMessage(isPullOnly: boolean): string;
  /** The text in UTF-8. */
  receive(text: Uint8Array): string;
  subscribeMessage(): string;
  lost(): void;
  markBehind(): void;
  /** Frees the object in the module's memory. */
  delete(): void;
}

export interface CoreModule {
  readonly StoreBinding: new () => StoreBinding;
  shippedSchema(): string;
  /** Returns the pool's id, or -1. */
  registerPool(pool: object, vfsName: string): number;
  releasePool(id: number): void;
}

export default function createCore(options?: {
  locateFile?: (path: string, prefix: string) => string;
}): Promise<CoreModule>;
