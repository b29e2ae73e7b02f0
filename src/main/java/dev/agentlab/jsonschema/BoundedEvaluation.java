package dev.agentlab.jsonschema;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.annotation.Annotation;
import com.networknt.schema.annotation.Annotations;
import java.util.Collection;

/// One evaluation by the validator, which is counted and may be stopped at every keyword.
final class BoundedEvaluation extends ExecutionContext {
  /// Keywords and schemas to evaluate: ten for each part of an answer of a megabyte.
  private static final long MOST_STEPS = 1_000_000;

  /// Schemas within each other, for which the stack of [SchemaChecks] has room.
  private static final int MOST_DEPTH = 1_000;

  /// Faults and notes to keep, a few hundred bytes each: alternatives that do not fit make a fault
  /// each.
  private static final int MOST_KEPT = 200_000;

  private final Deadline deadline = Deadline.CURRENT.get();
  private final Annotations annotations = new CountedAnnotations();
  private int kept;

  BoundedEvaluation(ExecutionConfig config) {
    super(
        ExecutionConfig.builder(config)
            .maxEvaluationSteps(MOST_STEPS)
            .maxEvaluationDepth(MOST_DEPTH)
            .build());
  }

  @Override
  public void evaluationPathAddLast(String token) {
    deadline.step();
    super.evaluationPathAddLast(token);
  }

  @Override
  public void addError(Error error) {
    keep(1);
    super.addError(error);
  }

  @Override
  public Annotations getAnnotations() {
    return annotations;
  }

  private void keep(int more) {
    deadline.step();
    kept += more;
    if (kept > MOST_KEPT) {
      throw new StoppedException(StoppedException.Why.TOO_MUCH);
    }
  }

  /// What `unevaluatedProperties` and `unevaluatedItems` need to know of the keywords beside them.
  private final class CountedAnnotations extends Annotations {
    @Override
    public void put(Annotation annotation) {
      keep(annotation.getValue() instanceof Collection<?> members ? members.size() + 1 : 1);
      super.put(annotation);
    }
  }
}
