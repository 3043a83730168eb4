import { ChatMessage, Target } from '@longhaul/contract';

/** What is sent in place of what was asked, and one sentence for each difference. */
export interface Terms<Value> {
  readonly value: Value;
  readonly notes: readonly string[];
}

export interface BudgetAsked {
  /** What the kind asks for; its own estimate where the caller set nothing. */
  readonly wanted: number;
  /** Whether the request names it: a limit that nobody set needs no excuse. */
  readonly isStated: boolean;
  /** Of a repeat, after a call that spent all its output before any answer. */
  readonly enlarged: number | null;
  readonly target: Pick<Target, 'minOutputTokens' | 'maxOutputTokens'>;
}

/** The output budget of one call: raised to what the model needs, cut to what it can give. */
export function budgetFor({ wanted, isStated, enlarged, target }: BudgetAsked): Terms<number> {
  const { minOutputTokens, maxOutputTokens } = target;
  const raised = Math.max(enlarged ?? wanted, minOutputTokens ?? 0);
  const tokens = Math.min(raised, maxOutputTokens ?? raised);
  return { value: tokens, notes: budgetNotes({ wanted, isStated, enlarged, tokens }) };
}

function budgetNotes({
  wanted,
  isStated,
  enlarged,
  tokens,
}: Omit<BudgetAsked, 'target'> & { readonly tokens: number }): string[] {
  if (enlarged !== null)
    return [
      `max_output_tokens was raised to ${String(tokens)}: an earlier attempt spent all of its own before any answer.`,
    ];
  if (!isStated || tokens === wanted) return [];
  const asked = `max_output_tokens ${String(wanted)}`;
  return tokens > wanted
    ? [`${asked} was raised to ${String(tokens)}: this model spends output on reasoning first.`]
    : [`${asked} was lowered to ${String(tokens)}: this model gives no more.`];
}

/** What another provider thought is worth nothing to this one, and it may refuse it. */
export function withOwnState(
  messages: readonly ChatMessage[],
  provider: string,
): Terms<readonly ChatMessage[]> {
  const isForeign = ({ state }: ChatMessage): boolean => state !== undefined && state.provider !== provider;
  const count = messages.filter(isForeign).length;
  if (count === 0) return { value: messages, notes: [] };
  const whose = count === 1 ? 'a message' : `${String(count)} messages`;
  return {
    value: messages.map((message) => (isForeign(message) ? withoutState(message) : message)),
    notes: [`The state of ${whose} was left out: another provider gave it, and ${provider} cannot read it.`],
  };
}

const withoutState = (message: ChatMessage): ChatMessage =>
  Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'state')) as unknown as ChatMessage;
