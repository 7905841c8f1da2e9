'use strict';
// The part of @vscode/spdlog that VS Code calls, without a compiler: every line is appended to one file at once.
// No rotation and no buffering, so log files grow as long as the server runs; flush has nothing to do.

const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const LABELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
let defaultLevel = LEVELS.indexOf('info');

class Logger {
  constructor(_kind, _name, file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.file = fs.openSync(file, 'a');
    this.level = defaultLevel;
    this.plain = false;
  }

  write(level, message) {
    if (this.file === undefined || level < this.level) return;
    const stamp = new Date().toISOString().replace('T', ' ').slice(0, 23);
    const line = this.plain ? String(message) : `${stamp} [${LABELS[level]}] ${message}\n`;
    try {
      fs.writeSync(this.file, line);
    } catch {
      // A log that cannot be written must not take the server down.
    }
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  setPattern() {
    this.plain = true;
  }

  clearFormatters() {
    this.plain = true;
  }

  flush() {}

  drop() {
    if (this.file === undefined) return;
    fs.closeSync(this.file);
    this.file = undefined;
  }
}

LEVELS.forEach((name, level) => {
  Logger.prototype[name] = function log(message) {
    this.write(level, message);
  };
});

exports.version = 0;
exports.Logger = Logger;
exports.setLevel = (level) => {
  defaultLevel = level;
};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (name, file) => new Logger('rotating', name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger('rotating_async', name, file);
