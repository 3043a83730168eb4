import { ALL_OPTIONS } from './all-options';
import { ProviderBlock } from './provider-blocks';
import { OVERRIDABLE_KEYS, variablesFor } from './provider-options';

/** Refuses two blocks that claim the same name, prefix, family word or variable. */
export function refuseClashes(blocks: readonly ProviderBlock[]): void {
  refuseSameNames(blocks);
  refuseSamePrefixes(blocks);
  refuseForeignFamilies(blocks);
  refuseSameVariables(blocks);
}

function refuseSameNames(blocks: readonly ProviderBlock[]): void {
  const byName = new Map<string, ProviderBlock>();
  for (const block of blocks) {
    const first = byName.get(block.name);
    if (first !== undefined) {
      block.reader.fail(
        'name',
        `the provider name "${block.name}" stands twice, first in line ${first.reader.lineOf('name')}`,
        'Rename or delete one of the two blocks',
      );
    }
    byName.set(block.name, block);
  }
}

function refuseSamePrefixes(blocks: readonly ProviderBlock[]): void {
  const owners = new Map(blocks.map((block) => [block.name, block.name]));
  for (const block of blocks) {
    for (const prefix of block.prefixes) {
      const owner = owners.get(prefix) ?? block.name;
      if (owner !== block.name) {
        block.reader.fail(
          'prefix',
          `the prefix "${prefix}" of provider "${block.name}" already means provider "${owner}"`,
          'Choose another prefix',
        );
      }
      owners.set(prefix, block.name);
    }
  }
}

/** `kimi` may be a provider and the family that it belongs to; a word for two different things may not stand. */
function refuseForeignFamilies(blocks: readonly ProviderBlock[]): void {
  for (const block of blocks) {
    const namesake = blocks.find((other) => other.name === block.family);
    if (namesake === undefined || namesake.family === block.family) continue;
    block.reader.fail(
      'family',
      `the family "${namesake.name}" has the name of a provider that does not belong to it`,
      `Add family = "${namesake.name}" to that provider, or choose another family`,
    );
  }
}

/** A provider named `idle` would own IDLE_TIMEOUT_SECS, `total` MAX_INFLIGHT_TOTAL. */
function refuseSameVariables(blocks: readonly ProviderBlock[]): void {
  const owners = new Map<string, string>(
    Object.keys(ALL_OPTIONS).map((name) => [name, 'a setting of Longhaul']),
  );
  for (const block of blocks) {
    for (const variable of OVERRIDABLE_KEYS.flatMap((key) => variablesFor(key, block.name))) {
      const owner = owners.get(variable);
      if (owner !== undefined) {
        block.reader.fail(
          'name',
          `the name "${block.name}" makes ${variable} ambiguous: it already belongs to ${owner}`,
          'Choose another name',
        );
      }
      owners.set(variable, `provider "${block.name}"`);
    }
  }
}
