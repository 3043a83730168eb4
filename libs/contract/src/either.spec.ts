import { IsOptional } from 'class-validator';
import {
  Describe,
  fieldNamesOf,
  GatewayError,
  IsEither,
  IsListOf,
  IsOneOf,
  IsShape,
  IsText,
  IsWholeNumber,
  joinedShape,
  schemaOf,
  validateShape,
} from '.';

class Wheel {
  @IsWholeNumber({ min: 1, max: 9 }) inches!: number;
}

class Part {
  @IsText({ max: 5 }) name!: string;
  @IsOptional() @IsShape(() => Wheel) wheel?: Wheel | null;
}

const TEXT = { schema: { type: 'string' }, check: (value: unknown) => typeof value === 'string' };
const COLOUR = { schema: { type: 'string', enum: ['red'] }, check: (value: unknown) => value === 'red' };

class Car {
  @IsOptional()
  @IsEither({
    plain: TEXT,
    shape: () => Part,
    list: { min: 1, max: 2 },
    expected: 'must be text, or 1 to 2 parts.',
  })
  parts?: string | Part[] | null;

  @IsOptional()
  @IsEither({ plain: COLOUR, shape: () => Wheel, expected: 'must be red, or a wheel.' })
  colour?: 'red' | Wheel | null;
}

function faultsOf(value: unknown, shape: new () => object = Car): string[] {
  try {
    validateShape(shape, value, { pointer: '/car' });
  } catch (thrown) {
    return (GatewayError.from(thrown).detail.faults ?? []).map((fault) => `${fault.pointer} ${fault.detail}`);
  }
  return [];
}

describe('a field that is either plain or a shape', () => {
  it('takes the one as it is, and builds the other', () => {
    const plain = validateShape(Car, { parts: 'all', colour: 'red' });
    expect(plain).toEqual({ parts: 'all', colour: 'red' });
    const built = validateShape(Car, {
      parts: [{ name: 'hub', wheel: { inches: 3 } }],
      colour: { inches: 1 },
    });
    expect((built.parts as Part[])[0]).toBeInstanceOf(Part);
    expect((built.parts as Part[])[0]?.wheel).toBeInstanceOf(Wheel);
    expect(built.colour).toBeInstanceOf(Wheel);
    expect(validateShape(Car, { parts: null })).toEqual({ parts: null });
  });

  it.each([
    [{ parts: 5 }, ['/car/parts must be text, or 1 to 2 parts.']],
    [{ parts: [] }, ['/car/parts must be text, or 1 to 2 parts.']],
    [{ parts: {} }, ['/car/parts must be text, or 1 to 2 parts.']],
    [{ parts: [{}, {}, {}] }, ['/car/parts must be text, or 1 to 2 parts.']],
    [{ parts: [[]] }, ['/car/parts/0 must be an object.']],
    [
      { parts: [{ name: 'hub' }, { name: 'far too long', size: 1 }] },
      [
        '/car/parts/1/size is not a known field; the fields allowed here are name, wheel.',
        '/car/parts/1/name must be text of 1 to 5 characters, without NUL and without unpaired surrogates.',
      ],
    ],
    [
      { parts: [{ name: 'hub', wheel: { inches: 0 } }] },
      ['/car/parts/0/wheel/inches must be a whole number from 1 to 9.'],
    ],
    [{ colour: 'blue' }, ['/car/colour must be red, or a wheel.']],
    [{ colour: 7 }, ['/car/colour must be red, or a wheel.']],
    [{ colour: {} }, ['/car/colour/inches is required; it must be a whole number from 1 to 9.']],
    [{ colour: [] }, ['/car/colour must be an object.']],
    [
      { colour: JSON.parse('{"__proto__":{"inches":1},"inches":1}') as object },
      ['/car/colour/__proto__ is a reserved name and never allowed; remove it.'],
    ],
  ])('names each fault of %j at its own place', (value, faults) => expect(faultsOf(value)).toEqual(faults));

  it('is documented as both, and null where it may be left out', () => {
    const { properties } = schemaOf(Car) as { properties: Record<string, unknown> };
    expect(properties.parts).toEqual({
      anyOf: [
        { type: 'string' },
        { type: 'array', minItems: 1, maxItems: 2, items: schemaOf(Part) },
        { type: 'null' },
      ],
    });
    expect(properties.colour).toEqual({
      anyOf: [{ type: 'string', enum: ['red'] }, schemaOf(Wheel), { type: 'null' }],
    });
  });
});

class Owner {
  @Describe('Who has it.')
  @IsOneOf(['me', 'you'])
  owner!: string;
}

class Garage extends joinedShape(Car, Owner) {
  @IsListOf(() => Wheel, { min: 0, max: 1 }) spare!: Wheel[];
}

describe('a joined shape', () => {
  it('has the fields of both, each with its checks and its documents', () => {
    expect(fieldNamesOf(Garage)).toEqual(['spare', 'parts', 'colour', 'owner']);
    expect(faultsOf({ parts: [], owner: 'he', spare: [] }, Garage)).toEqual([
      '/car/parts must be text, or 1 to 2 parts.',
      '/car/owner must be one of me, you.',
    ]);
    const garage = validateShape(Garage, { parts: [{ name: 'hub' }], owner: 'me', spare: [] });
    expect((garage.parts as Part[])[0]).toBeInstanceOf(Part);
    expect(schemaOf(Garage)).toMatchObject({
      properties: {
        ...(schemaOf(Car) as { properties: object }).properties,
        owner: { enum: ['me', 'you'], description: 'Who has it.' },
      },
      required: ['spare', 'owner'],
    });
  });

  it('leaves the two as they were', () => {
    expect(fieldNamesOf(Car)).toEqual(['parts', 'colour']);
    expect(fieldNamesOf(Owner)).toEqual(['owner']);
  });
});
