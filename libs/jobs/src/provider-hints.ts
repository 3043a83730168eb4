import { ERRORS, isErrorCode } from '@longhaul/contract';
import { adviceFor, keyVariableOf } from '@longhaul/providers';
import { ProviderListing } from '@longhaul/registry';
import { docsOf } from '@longhaul/settings';

/** What to do, and where the vendor tells more of it. */
export interface HintView {
  readonly code: string;
  readonly hint: string;
  readonly docs_url: string | null;
}

/** For each thing that stands in the way of a provider now, once. What only one request is at fault for is none. */
export function hintsFor({ settings }: ProviderListing, codes: readonly string[]): HintView[] {
  const docs_url = docsOf(settings.name);
  const isKeyless = settings.auth !== 'none' && settings.key === null;
  const key = {
    code: 'provider_not_configured',
    hint: `Set ${keyVariableOf(settings)} and start Longhaul again.`,
  };
  const failures = [...new Set(codes)].flatMap((code) => {
    const hint = isErrorCode(code) && ERRORS[code].cools !== 'none' ? adviceFor(code, settings) : null;
    return hint === null ? [] : [{ code, hint }];
  });
  return [...(isKeyless ? [key] : []), ...failures].map((hint) => ({ ...hint, docs_url }));
}
