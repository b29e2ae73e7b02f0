package dev.agentlab.logging;

import ch.qos.logback.classic.LoggerContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.MDC;

/// A separate log with the service's configuration, whose output can be read.
final class LogOutput {
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  LogOutput(LogLevel level, LogFormat format) {
    context.setMDCAdapter(MDC.getMDCAdapter());
    Logging.configure(context, level, format, out);
  }

  Logger logger(String name) {
    return context.getLogger(name);
  }

  /// The lines written so far; fails unless they are UTF-8.
  List<String> lines() {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(out.toByteArray())).toString();
      return List.of(text.split("\n"));
    } catch (CharacterCodingException e) {
      throw new AssertionError(e);
    }
  }
}
