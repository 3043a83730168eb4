import { hasFencedFiles } from '../review/fenced-source';
import { DEFAULT_PROVIDER, UpstreamCall } from '../upstream-call';
import { echo } from './echo.model';
import { SandboxModel } from './model';
import { reviewer } from './reviewer.model';

export { ModelRequest, SandboxModel } from './model';

/** Every model that the sandbox serves. */
export const MODELS: readonly SandboxModel[] = [echo, reviewer];

/**
 * The model that answers a call. Where the sandbox plays another provider, that provider's own model names are
 * taken too: the reviewer stands in when the prompt carries source files, echo otherwise. Null = unknown model.
 */
export function modelFor(call: UpstreamCall): SandboxModel | null {
  const named = MODELS.find((model) => model.id === call.model);
  if (named !== undefined || call.provider === DEFAULT_PROVIDER) return named ?? null;
  return hasFencedFiles(call.lastUserText ?? '') ? reviewer : echo;
}

/** The body of GET /v1/models. */
export const modelList = (): object => ({
  object: 'list',
  data: MODELS.map(({ id, description }) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'longhaul-sandbox',
    description,
  })),
});
