package dev.agentlab.conversation;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The token counts of one model call, as the provider reports them.
///
/// @param counts the count of each class that the provider reports; not negative
/// @param total the sum of input and output that the provider reports
/// @param further what the provider reports beyond these counts
public record TokenUsage(
    Map<TokenClass, Long> counts, OptionalLong total, Optional<VendorMembers> further) {
  /// The usage of a model call for which the provider reports no counts.
  public static final TokenUsage NONE =
      new TokenUsage(Map.of(), OptionalLong.empty(), Optional.empty());

  public TokenUsage {
    EnumMap<TokenClass, Long> copy = new EnumMap<>(TokenClass.class);
    copy.putAll(counts);
    counts = Collections.unmodifiableMap(copy);
  }

  /// Counts of fresh input and of output only.
  public TokenUsage(long input, long output) {
    this(
        Map.of(TokenClass.INPUT, input, TokenClass.OUTPUT, output),
        OptionalLong.empty(),
        Optional.empty());
  }

  /// The count of a class; 0 if the provider does not report it.
  public long count(TokenClass tokenClass) {
    return counts.getOrDefault(tokenClass, 0L);
  }

  /// The fresh input: neither read from nor written to a cache.
  public long input() {
    return count(TokenClass.INPUT);
  }

  /// The input of all classes.
  public long totalInput() {
    return input() + count(TokenClass.CACHED_INPUT) + cacheWrites();
  }

  /// The input that was written to a cache, for any time.
  public long cacheWrites() {
    return count(TokenClass.CACHE_WRITE_5_MINUTES) + count(TokenClass.CACHE_WRITE_1_HOUR);
  }

  /// The output, including reasoning.
  public long output() {
    return count(TokenClass.OUTPUT);
  }

  /// Collects the counts of a [TokenUsage].
  public static final class Builder {
    /// More than any call uses; larger numbers are errors, and their sum could overflow.
    private static final long MAX_COUNT = 1L << 53;

    private final Map<TokenClass, Long> counts = new EnumMap<>(TokenClass.class);
    private OptionalLong total = OptionalLong.empty();
    private Optional<VendorMembers> further = Optional.empty();

    /// Whether a number is a possible count.
    public static boolean isCount(long number) {
      return number >= 0 && number <= MAX_COUNT;
    }

    /// Sets the count of a class; an impossible number counts as 0.
    public Builder count(TokenClass tokenClass, long count) {
      counts.put(tokenClass, isCount(count) ? count : 0);
      return this;
    }

    /// Sets the sum of input and output that the provider reports.
    public Builder total(long newTotal) {
      total = OptionalLong.of(newTotal);
      return this;
    }

    /// Sets what the provider reports beyond the counts; nothing if it is empty.
    public Builder further(VendorMembers members) {
      further = members.members().isEmpty() ? Optional.empty() : Optional.of(members);
      return this;
    }

    public TokenUsage build() {
      return new TokenUsage(counts, total, further);
    }
  }
}
