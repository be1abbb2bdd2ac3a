type WithoutUndefined<Type> = { [Key in keyof Type]: Exclude<Type[Key], undefined> };

/** The keys that are never undefined. */
type PickRequired<Type> = {
  [Key in keyof Type as undefined extends Type[Key] ? never : Key]: Type[Key];
};

/** Drops keys that were left out, which zod keeps as undefined: the definition is plain JSON. */
export function withoutUndefined<Type extends object>(
  value: Type,
): Partial<WithoutUndefined<Type>> & PickRequired<Type> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<
    WithoutUndefined<Type>
  > &
    PickRequired<Type>;
}
