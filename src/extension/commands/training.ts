// Train, Train Probe, Evaluate, and what can be done with a run. Each runs in a process of its own as long as this window is
// open, is listed in the Runs tree, and can be stopped and resumed.

import path from 'node:path';
import * as vscode from 'vscode';
import type { EvalResult } from '../../protocol/engine.ts';
import { explain, report } from '../messages.ts';
import { isNode } from '../nodes.ts';
import { escapeMarkdown, table } from '../pages.ts';
import type { Room } from '../room.ts';
import { runLogUri } from '../run-log.ts';
import * as settings from '../settings.ts';
import { pickBundle } from './pick.ts';
import { pickConfig, recipeOf, type Verb } from './training-config.ts';
import type { CommandSpec } from './registry.ts';

const CASES_LIMIT = 200;

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

async function train(room: Room, verb: Verb, arg: unknown): Promise<void> {
  const config = arg instanceof vscode.Uri ? arg.fsPath : await pickConfig(room, verb);
  const runs = room.runs.folder();
  if (config === undefined || runs === undefined) return;
  const out = path.join(runs, `${path.basename(config, '.json')}-${stamp()}`);
  startTraining(room, verb, config, out, false);
}

function startTraining(room: Room, verb: Verb, config: string, out: string, resume: boolean): void {
  const name = path.basename(out);
  const work = room.runs.start(out, verb === 'train' ? 'train' : 'probe', (api, job) => api[verb](job, config, out, { resume }));
  work.then(
    ({ state, step, steps }) => {
      room.bundles.refresh(); // it may have written one, or a probe into one
      void vscode.window.showInformationMessage(`${name}: ${state} at step ${step} of ${steps}.`, 'Open Run Log').then((picked) => {
        if (picked) void vscode.commands.executeCommand('readingRoom.openRunLog', vscode.Uri.file(out));
      });
    },
    (thrown: unknown) => void report(room.log, `Run ${name}`, thrown),
  );
  void vscode.commands.executeCommand('readingRoom.runs.focus');
}

async function evaluate(room: Room, arg: unknown): Promise<void> {
  const runs = room.runs.folder();
  const cases = await pickCases();
  if (cases === undefined || runs === undefined) return;
  const bundle = isNode(arg) && arg.kind === 'bundle' ? arg.bundle.path : await pickBundle(room, 'Evaluate');
  if (bundle === undefined) return;
  const out = path.join(runs, `eval-${path.basename(bundle)}-${stamp()}`);
  const result = await room.runs.start(out, 'evaluation', (api, job) => api.evaluate(job, { cases, bundle, out, device: settings.deviceChoice() }));
  await room.pages.show(path.basename(out), resultPage(path.basename(bundle), cases, result));
}

async function pickCases(): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles('**/cases.jsonl', '**/{node_modules,.git}/**', CASES_LIMIT);
  const items = found.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), file: uri.fsPath as string | undefined }));
  const picked = await vscode.window.showQuickPick([...items, { label: '$(folder-opened) Browse...', description: 'a cases.jsonl, as Generate Sample Scans writes it', file: undefined }], { title: 'Evaluate', placeHolder: 'Which cases?' });
  if (!picked) return undefined;
  return picked.file ?? (await vscode.window.showOpenDialog({ title: 'Cases', openLabel: 'Evaluate', filters: { Cases: ['jsonl'] } }))?.[0]?.fsPath;
}

function resultPage(bundle: string, cases: string, result: EvalResult): string {
  const percent = (value: number): string => value.toFixed(3);
  const findings = Object.entries(result.findingF1.perFinding).sort(([, a], [, b]) => b.support - a.support);
  return [
    `# Evaluation of ${escapeMarkdown(bundle)}`,
    `${result.cases} cases of ${escapeMarkdown(vscode.workspace.asRelativePath(cases))}. Finding F1 **${percent(result.findingF1.micro)}** micro, **${percent(result.findingF1.macro)}** macro. ${result.normalsWithFalseFindings} of ${result.normals} normal scans got a false finding.`,
    table(['Finding', 'Precision', 'Recall', 'F1', 'Cases with it'], findings.map(([name, score]) => [name, percent(score.precision), percent(score.recall), percent(score.f1), String(score.support)])),
    table(['Metric', 'Value'], Object.entries(result.metrics).map(([name, value]) => [name, percent(value)])),
  ].join('\n\n');
}

/** Path of the run of a tree node or address. */
function runTarget(arg: unknown): string | undefined {
  if (isNode(arg) && arg.kind === 'run') return arg.run.path;
  return arg instanceof vscode.Uri ? arg.fsPath : undefined;
}

async function pickRun(room: Room, title: string, keep: (path: string, state: string) => boolean): Promise<string | undefined> {
  const runs = (await room.runs.list()).filter((run) => keep(run.path, run.state));
  if (runs.length === 0) {
    void explain(title === 'Open Run Log' ? 'This workspace has no run yet.' : `${title}: there is no such run.`, { title: 'Show Runs', command: 'readingRoom.runs.focus' });
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(runs.map((run) => ({ label: run.name, description: `${run.state}, step ${run.step} of ${run.steps}`, run })), { title, placeHolder: 'Which run?' });
  return picked?.run.path;
}

async function stopRun(room: Room, arg: unknown): Promise<void> {
  const run = runTarget(arg) ?? (await pickRun(room, 'Stop Run', (path) => room.runs.isLive(path)));
  if (run !== undefined) room.runs.cancel(run);
}

async function resumeRun(room: Room, arg: unknown): Promise<void> {
  const run = runTarget(arg) ?? (await pickRun(room, 'Resume Run', (path, state) => state !== 'done' && !room.runs.isLive(path)));
  if (run === undefined) return;
  const config = path.join(run, 'config.json');
  const recipe = await recipeOf(config);
  if (recipe === undefined) void explain('This run cannot be resumed: it is an evaluation, or its config.json is gone. Start it again.', { title: 'Evaluate', command: 'readingRoom.evaluate' });
  else startTraining(room, recipe.includes('probe') ? 'probeTrain' : 'train', config, run, true);
}

async function openRunLog(room: Room, arg: unknown): Promise<void> {
  const run = runTarget(arg) ?? (await pickRun(room, 'Open Run Log', () => true));
  if (run !== undefined) await vscode.window.showTextDocument(runLogUri(run), { preview: true });
}

export const trainingCommands: readonly CommandSpec[] = [
  { id: 'train', doing: 'Training', needs: ['trust', 'folder'], run: (room, arg) => train(room, 'train', arg) },
  { id: 'trainProbe', doing: 'Training a probe', needs: ['trust', 'folder'], run: (room, arg) => train(room, 'probeTrain', arg) },
  { id: 'evaluate', doing: 'Evaluating', needs: ['trust', 'folder'], run: evaluate },
  { id: 'stopRun', doing: 'Stopping a run', run: stopRun },
  { id: 'resumeRun', doing: 'Resuming a run', needs: ['trust'], run: resumeRun },
  { id: 'openRunLog', doing: 'Opening a run', run: openRunLog },
];
