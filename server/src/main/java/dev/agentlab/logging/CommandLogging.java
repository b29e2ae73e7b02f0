package dev.agentlab.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/// The initial logging configuration, used by commands and by the service until
/// [Logging#configure]: warnings and errors, as text on standard error. Logback loads it as a
/// service provider, and therefore reads no configuration files and prints no status messages.
public final class CommandLogging extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logging.configure(
        context, LogLevel.WARN, LogFormat.TEXT, new FileOutputStream(FileDescriptor.err));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
