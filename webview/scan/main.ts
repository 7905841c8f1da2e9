// Entry of the scan editor's webview.

import './boot.ts';
import './app.ts';
import './scan.css';

document.body.append(document.createElement('rr-scan-app'));
