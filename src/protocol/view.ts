// Extension host <-> scan editor webview. HostApi is what the webview may ask, ViewApi what the host tells it. Both are
// async interfaces over one message channel; the webview never sees more than the slices on screen.

import type { ErrorInfo } from './error.ts';
import type { ClueRegion } from './engine.ts';
import type { PlaceInfo, Reading, ReadingSummary } from './reading.ts';
import type { Plane, ScanInfo, SliceReply, SliceRequest, Vec3, WindowPreset } from './scan.ts';

/** What an editor restores after a reload. */
export interface ViewState {
  point?: Vec3;
  window?: { width: number; level: number };
  view?: 'human' | 'model';
  readingPath?: string;
  clueId?: string;
  method?: 'occlusion' | 'attention';
  show?: { labels: boolean; tokens: boolean; region: boolean; error: boolean; reference: boolean };
  zoom?: Partial<Record<Plane, { scale: number; panX: number; panY: number }>>;
}

export interface OpenReading {
  readingId: string;
  path: string;
  reading: Reading;
}

export interface ViewInit {
  scan?: ScanInfo;
  /** Set instead of `scan` where the file cannot be opened. */
  error?: ErrorInfo;
  presets: WindowPreset[];
  state: ViewState;
  readings: ReadingSummary[];
  /** Shown at once when the editor was opened on it or restored. */
  reading?: OpenReading;
  /** False in an untrusted workspace, with the reason. */
  canRead: { ok: true } | { ok: false; why: string };
}

export interface HostApi {
  /** First call of the webview; the scan may still be opening: this waits for it. */
  ready(): Promise<ViewInit>;
  slice(request: SliceRequest): Promise<SliceReply>;
  place(readingId: string, point: Vec3): Promise<PlaceInfo | undefined>;
  clueRegion(readingId: string, clueId: string, method: 'occlusion' | 'attention'): Promise<ClueRegion | undefined>;
  tokenErrors(readingId: string): Promise<{ probe: Float32Array; null: Float32Array } | undefined>;
  openReading(path: string): Promise<OpenReading>;
  /** Runs a contributed command for this editor, e.g. 'readingRoom.readScan'. */
  command(id: string): Promise<void>;
  cancelRead(): Promise<void>;
  /** Under the cursor or at the crosshair, for the status bar. */
  status(status: { slice?: { plane: Plane; index: number; count: number }; hu?: number; point?: Vec3; window?: { width: number; level: number } }): Promise<void>;
  saveState(state: ViewState): Promise<void>;
  /** Milliseconds from the webview script's start, for the bench. */
  mark(name: string, ms: number): Promise<void>;
  copy(text: string): Promise<void>;
}

/** A reading in the making. */
export type ReadProgress =
  | { phase: 'stage'; stage: string; done: number; total: number; detail?: string }
  | { phase: 'token'; text: string; logProb: number }
  | { phase: 'done'; open: OpenReading }
  | { phase: 'failed'; error: ErrorInfo }
  | { phase: 'cancelled' };

export interface ViewApi {
  readProgress(progress: ReadProgress): Promise<void>;
  showReading(open: OpenReading, clueId?: string): Promise<void>;
  /** The engine process ended or came back. */
  engine(state: 'lost' | 'back', detail: string): Promise<void>;
  /** A contributed command whose effect is in the view. */
  act(action: ViewAction): Promise<void>;
  readingsChanged(readings: ReadingSummary[]): Promise<void>;
}

export type ViewAction =
  | { kind: 'step'; slices: number }
  | { kind: 'preset'; key: string }
  | { kind: 'view'; view: 'human' | 'model' | 'toggle' }
  | { kind: 'toggle'; what: 'labels' | 'tokens' | 'region' | 'error' | 'reference' }
  | { kind: 'clue'; clueId: string }
  | { kind: 'nextClue'; step: 1 | -1 }
  | { kind: 'goTo'; point: Vec3 }
  | { kind: 'reset' };
