// The extension host's end of the message channel to a scan editor's webview: birpc over VS Code's messages. Every method of
// HostApi answers with a Result, so errors arrive with code and fix. What the host tells the view is sent as events without
// an answer, because a hidden view is not there to give one.

import { createBirpc } from 'birpc';
import type * as vscode from 'vscode';
import type { HostApi, ViewApi } from '../../protocol/view.ts';
import type { Wire } from '../../protocol/wire.ts';
import { toResult } from '../messages.ts';

type Method = (...args: unknown[]) => Promise<unknown>;

export interface Channel extends vscode.Disposable {
  tell<M extends keyof ViewApi>(method: M, ...args: Parameters<ViewApi[M]>): void;
}

export function openChannel(webview: vscode.Webview, api: HostApi, names: readonly (keyof HostApi)[]): Channel {
  const wire: Partial<Record<keyof HostApi, Method>> = {};
  for (const name of names) {
    const method = (api[name] as Method).bind(api);
    wire[name] = (...args) => toResult(() => method(...args));
  }
  let subscription: vscode.Disposable | undefined;
  const rpc = createBirpc<Wire<ViewApi>, Wire<HostApi>>(wire as Wire<HostApi>, {
    post: (message) => webview.postMessage(message),
    on: (receive) => {
      subscription = webview.onDidReceiveMessage(receive);
    },
    timeout: -1,
  });
  return {
    tell: (method, ...args) => {
      if (!rpc.$closed) void rpc.$callEvent(method, ...(args as never)).catch(() => {}); // the view was closed meanwhile
    },
    dispose: () => {
      rpc.$close();
      subscription?.dispose();
    },
  };
}
