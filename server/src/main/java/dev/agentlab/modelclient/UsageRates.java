package dev.agentlab.modelclient;

import dev.agentlab.conversation.TokenClass;
import dev.agentlab.conversation.TokenUsage;

/// Estimates the tokens of a call that ended before its provider reported them, from the bytes that
/// were sent and received. What a byte is worth is learned from the reports of the last calls of
/// the same target: it depends on the model, the language and the form of its events, and counting
/// bytes costs nothing while a call runs. Thread-safe.
final class UsageRates {
  /// Of text in requests, until the target has reported.
  private static final double DEFAULT_INPUT_PER_BYTE = 1 / 4.5;

  /// Of the events of a stream, most of which have one token.
  private static final double DEFAULT_OUTPUT_PER_BYTE = 1 / 200.0;

  private final Line input = new Line(DEFAULT_INPUT_PER_BYTE);
  private final Line output = new Line(DEFAULT_OUTPUT_PER_BYTE);

  /// Learns from a complete call.
  ///
  /// @param requestBytes the size of the request
  /// @param contentBytes the size of the stream from its first content on; 0 without a stream
  synchronized void learn(long requestBytes, long contentBytes, TokenUsage reported) {
    if (requestBytes > 0 && reported.totalInput() > 0) {
      input.add((double) requestBytes, (double) reported.totalInput());
    }
    if (contentBytes > 0 && reported.output() > 0) {
      output.add((double) contentBytes, (double) reported.output());
    }
  }

  /// The tokens of a call that ended early: what the provider reported before, and estimates of
  /// what it did not.
  synchronized TokenUsage estimate(long requestBytes, long contentBytes, TokenUsage reported) {
    TokenUsage.Builder estimate = new TokenUsage.Builder();
    reported.counts().forEach(estimate::count);
    if (reported.totalInput() == 0) {
      estimate.count(TokenClass.INPUT, Math.round(input.at((double) requestBytes)));
    }
    // Without the end of the stream, which its slope leaves out as well.
    long received = Math.round(output.slope() * (double) contentBytes);
    estimate.count(TokenClass.OUTPUT, Math.max(reported.output(), received));
    return estimate.build();
  }

  /// A line through the last points, of which later ones count more (weighted least squares).
  private static final class Line {
    /// The weight of the points before, at each new one: the last hundred or so count.
    private static final double DECAY = 0.99;

    /// The part of the squares that must be left by their mean, for a line through the points.
    private static final double MIN_SPREAD = 0.01;

    private final double defaultSlope;
    private double points;
    private double x;
    private double y;
    private double xx;
    private double xy;

    private Line(double defaultSlope) {
      this.defaultSlope = defaultSlope;
    }

    private void add(double newX, double newY) {
      points = points * DECAY + 1;
      x = x * DECAY + newX;
      y = y * DECAY + newY;
      xx = xx * DECAY + newX * newX;
      xy = xy * DECAY + newX * newY;
    }

    /// Tokens per byte.
    private double slope() {
      if (points == 0) {
        return defaultSlope;
      }
      double spread = xx - x * x / points;
      double slope = spread > MIN_SPREAD * xx ? (xy - x * y / points) / spread : y / x;
      return slope > 0 ? slope : y / x;
    }

    private double at(double newX) {
      double intercept = points == 0 ? 0 : (y - slope() * x) / points;
      return Math.max(0, intercept + slope() * newX);
    }
  }
}
