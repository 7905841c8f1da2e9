// Entry of the scan editor's webview; the page holds <rr-scan-app>.

import './boot.ts';
import './app.ts';
import './scan.css';
