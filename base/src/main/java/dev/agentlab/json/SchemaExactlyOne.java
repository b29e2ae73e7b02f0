package dev.agentlab.json;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Two members of a record's JSON of which exactly one is required, for the API description.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface SchemaExactlyOne {
  String one();

  String other();
}
