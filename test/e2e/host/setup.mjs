// Installs, beside this file, a VS Code server with its workbench and Node extension host: out of npm packages alone,
// without a compiler. Only lib/vscode of the package code-server is used. The server needs Node 24 (module.registerHooks),
// which comes from npm too where the running Node is older. A stamp makes a second call return at once.
// Limits: Linux on x64 and arm64 are what the packages cover; elsewhere the running Node must be 24 or newer (untested).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, 'node_modules');
const vscode = path.join(modules, 'code-server/lib/vscode');
const server = path.join(vscode, 'out/server-main.js');
const platform = `${process.platform}-${process.arch}`;
const stampFile = path.join(modules, '.reading-room-host');

// Built-in extensions with no part in a test: large, or noisy without their optional native modules.
const UNUSED_EXTENSIONS = [
  'copilot',
  'git',
  'github',
  'mermaid-markdown-features',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
  'tunnel-forwarding',
];

const remove = (target) => fs.rmSync(target, { recursive: true, force: true });

function nodeForServer() {
  const packaged = path.join(modules, `node-${platform}`, 'bin/node');
  if (fs.existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(`no Node 24 from npm for ${platform}; run this with Node 24 or newer`);
}

function stamp() {
  const hash = createHash('sha256').update(platform);
  for (const name of ['package-lock.json', 'setup.mjs']) hash.update(fs.readFileSync(path.join(here, name)));
  return hash.digest('hex');
}

function prune() {
  for (const name of UNUSED_EXTENSIONS) remove(path.join(vscode, 'extensions', name));
  for (const folder of ['@vscode/ripgrep-universal/bin', 'node-pty/prebuilds']) {
    const full = path.join(modules, folder);
    for (const name of fs.existsSync(full) ? fs.readdirSync(full) : []) {
      if (name !== platform) remove(path.join(full, name));
    }
  }
  for (const name of ['include', 'share']) remove(path.join(modules, `node-${platform}`, name));
}

/**
 * Makes the server ready to run.
 * @param {(text: string) => void} say receives progress lines
 * @returns {Promise<{node: string, server: string}>} `node server --host ...` starts it
 */
export async function setup(say = () => {}) {
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp()) return { node: nodeForServer(), server };
  say('- installing the VS Code server from npm ...');
  const env = { ...process.env };
  delete env.npm_config_nodedir;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  // Node finds the server's packages by walking up; the browser fetches some of them below the server's own folder.
  const link = path.join(vscode, 'node_modules');
  remove(link);
  fs.symlinkSync('../../..', link, 'dir');
  prune();
  const node = nodeForServer();
  execFileSync(node, [server, '--version'], { stdio: 'ignore' });
  fs.writeFileSync(stampFile, stamp());
  return { node, server };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = await setup((text) => process.stderr.write(`${text}\n`));
  process.stdout.write(`${paths.node} ${paths.server}\n`);
}
