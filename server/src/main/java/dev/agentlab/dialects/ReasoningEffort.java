package dev.agentlab.dialects;

import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;

/// The efforts that stand for a number of reasoning tokens, for models without such a limit.
final class ReasoningEffort {
  /// The least budgets that become the efforts medium and high.
  private static final BigDecimal MEDIUM_BUDGET = BigDecimal.valueOf(4_096);

  private static final BigDecimal HIGH_BUDGET = BigDecimal.valueOf(16_384);

  private ReasoningEffort() {}

  /// The effort for a budget, a number.
  static String ofBudget(JsonNode budget) {
    BigDecimal tokens = budget.decimalValue();
    if (tokens.compareTo(MEDIUM_BUDGET) < 0) {
      return "low";
    }
    return tokens.compareTo(HIGH_BUDGET) < 0 ? "medium" : "high";
  }
}
