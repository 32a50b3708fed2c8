/**
 * The seam under the pool: the part of FileSystemSyncAccessHandle that it uses. The browser's is
 * real; src/testing/nodeHandlePool.ts has one over a file and one that fails on purpose.
 */
export interface AccessHandle {
  read(buffer: Uint8Array, options: { at: number }): number;
  write(buffer: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

export type PoolErrorCode =
  | 'LOCKED'
  | 'STORAGE_UNAVAILABLE'
  | 'QUOTA_EXCEEDED'
  | 'CORRUPT'
  | 'SCHEMA_TOO_NEW'
  | 'CLOSED';

/** Why a pool could not be opened. `LOCKED`: another worker still holds it; worth another try. */
export class PoolError extends Error {
  readonly code: PoolErrorCode;

  constructor(code: PoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PoolError';
    this.code = code;
  }
}

export function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
