package dev.agentlab.jsonschema;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.keyword.BaseKeywordValidator;
import com.networknt.schema.keyword.Keyword;
import com.networknt.schema.keyword.KeywordType;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.path.NodePath;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// The keyword `uniqueItems`. Replaces the validator's own, which takes quadratic time for items
/// with deliberate hash collisions.
final class UniqueItems implements Keyword {
  @Override
  public String getValue() {
    return KeywordType.UNIQUE_ITEMS.getValue();
  }

  @Override
  public KeywordValidator newValidator(
      SchemaLocation location, JsonNode value, Schema parent, SchemaContext context) {
    return new Validator(location, value, parent, context);
  }

  private static final class Validator extends BaseKeywordValidator {
    /// Far below the overflow of a scale.
    private static final int MAX_SCALE = 1_000_000;

    private final boolean unique;

    Validator(SchemaLocation location, JsonNode value, Schema parent, SchemaContext context) {
      super(KeywordType.UNIQUE_ITEMS, value, location, parent, context);
      unique = value.booleanValue(false);
    }

    @Override
    public void validate(
        ExecutionContext evaluation, JsonNode node, JsonNode root, NodePath location) {
      if (!unique || !node.isArray()) {
        return;
      }
      // Strings, unlike nodes, are comparable, so that a hash set stays fast despite collisions.
      Set<String> seen = new HashSet<>();
      for (JsonNode item : node) {
        StringBuilder text = new StringBuilder();
        writeCanonical(item, text);
        if (!seen.add(text.toString())) {
          evaluation.addError(
              error()
                  .instanceNode(node)
                  .instanceLocation(location)
                  .evaluationPath(evaluation.getEvaluationPath())
                  .locale(evaluation.getExecutionConfig().getLocale())
                  .build());
          return;
        }
      }
    }

    /// Writes a canonical form, the same for equal values: 1 and 1.0, and members in any order.
    private static void writeCanonical(JsonNode value, StringBuilder text) {
      if (value.isObject()) {
        TreeMap<String, JsonNode> members = new TreeMap<>();
        value.forEachEntry(members::put);
        text.append('{');
        members.forEach((name, member) -> {
          text.append(name.length()).append(':').append(name);
          writeCanonical(member, text);
        });
        text.append('}');
      } else if (value.isArray()) {
        text.append('[');
        for (JsonNode item : value) {
          writeCanonical(item, text);
          text.append(',');
        }
        text.append(']');
      } else if (value.isNumber()) {
        BigDecimal number = value.decimalValue();
        text.append(number.scale() < -MAX_SCALE ? number : number.stripTrailingZeros());
      } else {
        text.append(value);
      }
    }
  }
}
