package dev.agentlab.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/// How a command logs, and every program until [Logging#configure]: warnings, as text on standard
/// error. Logback finds it as a service, and so reads no files and prints nothing of its own.
public final class CommandLogging extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logging.configure(
        context, LogLevel.WARN, LogFormat.TEXT, new FileOutputStream(FileDescriptor.err));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
