import { NUMBER_OPTIONS } from './number-options';
import { FlagOption, ListOption, NumberOption, TextOption } from './option';
import { FLAG_OPTIONS, LIST_OPTIONS, TEXT_OPTIONS } from './text-options';

export type AnyOption = NumberOption | TextOption | ListOption | FlagOption;

/** Every setting that is not a provider's. */
export const ALL_OPTIONS: Readonly<Record<string, AnyOption>> = {
  ...TEXT_OPTIONS,
  ...NUMBER_OPTIONS,
  ...FLAG_OPTIONS,
  ...LIST_OPTIONS,
};
