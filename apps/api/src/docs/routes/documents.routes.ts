import { AnswerDoc, RouteDoc } from '../route-doc';

const document = (told: Pick<AnswerDoc, 'type' | 'schema' | 'description'>): readonly AnswerDoc[] => [
  { status: 200, headers: ['etag', 'cache-control'], ...told },
  {
    status: 304,
    description: 'Nothing has changed since the `ETag` that was sent.',
    headers: ['etag', 'cache-control'],
  },
];

const PAGE = { type: 'text/html', schema: { type: 'string' } } as const;

export const GET_OPENAPI: RouteDoc = {
  id: 'getOpenApi',
  group: 'Documents',
  method: 'GET',
  path: '/openapi.json',
  summary: 'The API for programs',
  description: ['OpenAPI 3.1, for generators of clients. It is made of the same texts as `/docs`.'],
  answers: document({ description: 'The document.', schema: { type: 'object' } }),
  example: {
    shell: ({ api, curl }) => `${curl} ${api}/openapi.json -o openapi.json`,
    statuses: [200],
  },
};

export const GET_DOCS: RouteDoc = {
  id: 'getDocs',
  group: 'Documents',
  method: 'GET',
  path: '/docs',
  summary: 'The API for people',
  description: ['This page. It loads nothing from anywhere and runs no script.'],
  answers: document({ ...PAGE, description: 'The page.' }),
  example: { shell: ({ api, curl }) => `${curl} ${api}/docs -o docs.html`, statuses: [200] },
};

export const GET_ERROR_DOCS: RouteDoc = {
  id: 'getErrorDocs',
  group: 'Documents',
  method: 'GET',
  path: '/docs/errors',
  summary: 'Every error code',
  description: ['Each problem document links to its code here.'],
  answers: document({ ...PAGE, description: 'The page.' }),
  example: { shell: ({ api, curl }) => `${curl} ${api}/docs/errors -o errors.html`, statuses: [200] },
};
