import { IsBoolean, IsOptional } from 'class-validator';
import { IsShape, IsWholeNumber } from './fields';
import { fieldsOf } from './shape-fields';

class Wheel {
  @IsWholeNumber({ min: 1, max: 9 }) inches!: number;
}

class Cart {
  @IsWholeNumber({ min: 1, max: 4 }) seats?: number;
  @IsOptional() @IsShape(() => Wheel) wheel?: Wheel | null;
  @IsOptional() @IsBoolean() open?: boolean | null;
}

const holds = (field: keyof Cart, value: unknown): boolean | undefined =>
  fieldsOf(Cart)
    .get(field)
    ?.holds(Object.assign(new Cart(), { [field]: value }));

describe('the fields of a shape', () => {
  it('tell by themselves that nothing is broken, without class-validator', () => {
    expect(holds('seats', 4)).toBe(true);
    expect(holds('wheel', new Wheel())).toBe(true);
    expect(holds('wheel', null)).toBe(true);
    expect(holds('open', undefined)).toBe(true);
  });

  it.each<[keyof Cart, unknown]>([
    ['seats', 5],
    ['seats', undefined],
    ['wheel', 'round'],
  ])('tell that %s may not be %p', (field, value) => expect(holds(field, value)).toBe(false));

  it('leave a rule that is not ours to class-validator', () => {
    expect(holds('open', true)).toBe(false);
  });

  it('are known by their names, in their order, with the shapes they hold', () => {
    const fields = [...fieldsOf(Cart).values()];
    expect(fields.map(({ name, nested }) => [name, nested?.shape()])).toEqual([
      ['seats', undefined],
      ['wheel', Wheel],
      ['open', undefined],
    ]);
  });
});
