import { createHash } from 'node:crypto';
import { Html, markup } from './html';
import { STYLE } from './style';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Lets in the page's own style and nothing else: no script, no request, no frame around it. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export interface PageParts {
  readonly title: string;
  readonly body: Html;
}

/** A whole page. The empty icon keeps browsers from asking for one. */
export const pageOf = ({ title, body }: PageParts): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
${body}
</body>
</html>
`.text;
