// The one error type that crosses borders (engine <-> host <-> webview, CLI). A message says what is wrong and where,
// `fix` says how to mend it. Anything else that is thrown is a bug of ours and is reported as code 'internal'.

export type ErrorCode =
  | 'not-found' // file, folder, bundle, tensor or label that is not there
  | 'format' // a file breaks its format: short, corrupt, forged
  | 'unsupported' // valid, but not handled here
  | 'limit' // a bound of memory, size or time
  | 'invalid' // an argument, setting or config field
  | 'device' // an execution provider is missing or fails its self-test
  | 'cancelled'
  | 'engine-lost' // the engine process ended
  | 'untrusted' // refused in an untrusted workspace
  | 'internal';

export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  fix: string;
}

export class RoomError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;
  constructor(code: ErrorCode, message: string, fix: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RoomError';
    this.code = code;
    this.fix = fix;
  }
  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message, fix: this.fix };
  }
}

/** Turns anything thrown into an ErrorInfo that can cross a process border. */
export function errorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof RoomError) return thrown.toInfo();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message, fix: 'This is a fault of Reading Room. See the output channel for details.' };
}
