package dev.agentlab.json;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The bounds of a record component in the API description: of the length of a text in characters,
/// the size of a list, or the value of a number. Not a validation: the validating code uses the
/// same constant.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface SchemaBounds {
  long min() default 0;

  long max() default Long.MAX_VALUE;
}
