import { estimateOf } from '../estimate';
import { CatalogueEntry } from '../entry';
import { FallbackRule, RuleContext } from './rule';

const COSTLY_TAGS = ['reasoning', 'expensive'] as const;

/** Keeps a fallback from quietly becoming the dear part of the bill (ALLOW_EXPENSIVE_THINKING_FALLBACK). */
export const expensiveFallback: FallbackRule = {
  name: 'expensive-fallback',
  refuse(entry, first, context) {
    const { settings } = context;
    if (entry.provider.allowExpensiveFallback ?? settings.allowExpensiveFallback) return null;
    const tag = COSTLY_TAGS.find(
      (each) => entry.model.tags.includes(each) && !first.model.tags.includes(each),
    );
    const why = tag === undefined ? dearer(entry, first, context) : `is tagged ${tag}`;
    return why === null
      ? null
      : `${entry.name} ${why}, so it is no fallback for ${first.name} (ALLOW_EXPENSIVE_THINKING_FALLBACK).`;
  },
};

/** A first target that is free or unpriced gives nothing to compare with. */
function dearer(entry: CatalogueEntry, first: CatalogueEntry, context: RuleContext): string | null {
  const { expensiveFactor } = context.settings;
  const [cost, measure] = [entry, first].map((each) => estimateOf(each, context.need).nanoUsd);
  if (!cost || !measure || cost <= measure * expensiveFactor) return null;
  return `costs more than ${String(expensiveFactor)} times as much`;
}
