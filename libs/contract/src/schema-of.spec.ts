import { IsBoolean, IsNumber, IsObject, IsOptional } from 'class-validator';
import { Describe, IsListOf, IsNumberBetween, IsOneOf, IsShape, IsText, IsWholeNumber, schemaOf } from '.';

class Wheel {
  @IsNumberBetween({ min: 0.5, max: 2 }) width!: number;
}

class Car {
  @Describe('What it is called.')
  @IsText({ max: 20 })
  name!: string;

  @IsOptional()
  @IsOneOf(['red', 'blue'])
  colour?: string | null;

  @IsOptional()
  @IsWholeNumber({ min: 1, max: 9 })
  seats?: number | null;

  @IsOptional()
  @IsBoolean()
  is_new?: boolean | null;

  @Describe('All of them.')
  @IsListOf(() => Wheel, { min: 3, max: 4 })
  wheels!: Wheel[];

  @IsOptional()
  @IsShape(() => Wheel)
  spare?: Wheel | null;

  @IsObject()
  papers!: object;
}

const WHEEL = {
  type: 'object',
  properties: { width: { type: 'number', minimum: 0.5, maximum: 2 } },
  required: ['width'],
  additionalProperties: false,
};

describe('the schema of a shape', () => {
  it('says of every field what its check lets through, and null where it may be left out', () =>
    expect(schemaOf(Car)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 20, description: 'What it is called.' },
        colour: { type: ['string', 'null'], enum: ['red', 'blue', null] },
        seats: { type: ['integer', 'null'], minimum: 1, maximum: 9 },
        is_new: { type: ['boolean', 'null'] },
        wheels: { type: 'array', minItems: 3, maxItems: 4, items: WHEEL, description: 'All of them.' },
        spare: { ...WHEEL, type: ['object', 'null'] },
        papers: { type: 'object' },
      },
      required: ['name', 'wheels', 'papers'],
      additionalProperties: false,
    }));

  it('stops at a field whose check states none, and says what to do', () => {
    class Odd {
      @IsNumber() weight!: number;
    }
    expect(() => schemaOf(Odd)).toThrow('Odd.weight is checked by isNumber');
    expect(() => schemaOf(Odd)).toThrow('statesSchema');
  });
});
