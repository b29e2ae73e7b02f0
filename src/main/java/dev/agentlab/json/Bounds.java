package dev.agentlab.json;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The length of a text in characters, the size of a list or the value of a number, for the API
/// description. It checks nothing: what is enforced and what is described refer to one constant.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Bounds {
  long min() default 0;

  long max() default Long.MAX_VALUE;
}
