package dev.agentlab.jsonschema;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.annotation.Annotation;
import com.networknt.schema.annotation.Annotations;
import java.util.Collection;

/// The context of one evaluation. The validator itself limits steps and depth; this class adds the
/// [Deadline] and a limit of memory, at every keyword.
final class BoundedEvaluation extends ExecutionContext {
  /// Evaluated keywords and schemas: ten for each value in a response of one megabyte.
  private static final long MAX_STEPS = 1_000_000;

  /// Nested schemas; the stack size of [SchemaValidator] suffices for these.
  private static final int MAX_DEPTH = 1_000;

  /// Stored errors and annotations, of a few hundred bytes each: every alternative that does not
  /// match adds an error.
  private static final int MAX_STORED_RESULTS = 200_000;

  private final Deadline deadline;
  private final Annotations annotations = new CountedAnnotations();
  private int storedResults;

  BoundedEvaluation(ExecutionConfig config, Deadline deadline) {
    super(
        ExecutionConfig.builder(config)
            .maxEvaluationSteps(MAX_STEPS)
            .maxEvaluationDepth(MAX_DEPTH)
            .build());
    this.deadline = deadline;
  }

  @Override
  public void evaluationPathAddLast(String token) {
    deadline.check();
    super.evaluationPathAddLast(token);
  }

  @Override
  public void addError(Error error) {
    countStored(1);
    super.addError(error);
  }

  @Override
  public Annotations getAnnotations() {
    return annotations;
  }

  private void countStored(int more) {
    storedResults += more;
    if (storedResults > MAX_STORED_RESULTS) {
      throw new LimitExceededException();
    }
  }

  /// Counts the annotations, which `unevaluatedProperties` and `unevaluatedItems` need of adjacent
  /// keywords.
  private final class CountedAnnotations extends Annotations {
    @Override
    public void put(Annotation annotation) {
      countStored(annotation.getValue() instanceof Collection<?> members ? members.size() + 1 : 1);
      super.put(annotation);
    }
  }
}
