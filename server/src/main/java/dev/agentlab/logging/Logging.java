package dev.agentlab.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.LayoutBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.slf4j.LoggerFactory;

/// Configures logging for the service. Before that, [CommandLogging] applies.
public final class Logging {
  /// The SLF4J MDC key of the request id, which both formats include.
  public static final String REQUEST_ID = "request_id";

  /// Libraries that log at least at WARN, because they log too much below. The AWS SDK also logs
  /// what it signs, including session tokens.
  private static final List<String> NOISY_LOGGERS =
      List.of("io.netty", "io.vertx", "com.zaxxer.hikari", "software.amazon.awssdk");

  /// Disabled: it logs input of callers as errors, which the callers receive in a response anyway.
  private static final String SCHEMA_VALIDATOR = "com.networknt";

  /// How long the exit of the process waits until the last lines are written.
  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);

  private Logging() {}

  /// Redirects the log to standard output, with a level and a format.
  public static void configure(LogLevel level, LogFormat format) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    LineAppender appender =
        configure(context, level, format, new FileOutputStream(FileDescriptor.out));
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("log").unstarted(() -> appender.flush(FLUSH_TIMEOUT)));
  }

  static LineAppender configure(
      LoggerContext context, LogLevel minLevel, LogFormat format, OutputStream out) {
    context.reset();
    LayoutBase<ILoggingEvent> layout =
        switch (format) {
          case TEXT -> new TextLayout(ZoneId.systemDefault());
          case JSON -> new JsonLayout();
        };
    layout.setContext(context);
    layout.start();

    LineAppender appender = new LineAppender(layout, out);
    appender.setContext(context);
    appender.start();

    Level level = Level.toLevel(minLevel.name());
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level);
    root.addAppender(appender);
    Level quiet = level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN;
    for (String name : NOISY_LOGGERS) {
      context.getLogger(name).setLevel(quiet);
    }
    context.getLogger(SCHEMA_VALIDATOR).setLevel(Level.OFF);
    return appender;
  }
}
