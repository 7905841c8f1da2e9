'use strict';
// Ends the extension host when the server that started it is gone. The original asks the system from a native
// thread; a timer does as well here, because a test host that hangs is killed with its process group anyway.

const POLL_MS = 1500;

exports.start = (parent) => {
  const timer = setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch {
      process.exit(1);
    }
  }, POLL_MS);
  timer.unref();
};

exports.exit = (code = 0) => process.exit(code);
