import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Copies a jar whose class files are of a version before Java 7 (50), and raises their version to that
/// of Java 8, with the stack maps that it requires. The AOT cache of the JVM cannot contain older class
/// files, and their verification is slow. Nothing else about the classes changes.
///
/// Arguments: the jar, its copy.
final class UpgradeClassFiles {
  private static final int FIRST_CACHEABLE_VERSION = ClassFile.JAVA_6_VERSION;

  private UpgradeClassFiles() {}

  public static void main(String[] arguments) throws IOException {
    Path original = Path.of(arguments[0]);
    try (JarFile jar = new JarFile(original.toFile());
        URLClassLoader classes = new URLClassLoader(new URL[] {original.toUri().toURL()});
        OutputStream file = Files.newOutputStream(Path.of(arguments[1]));
        ZipOutputStream copy = new ZipOutputStream(file)) {
      ClassFile classFiles =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.DeadCodeOption.PATCH_DEAD_CODE,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofClassLoading(classes)));
      for (JarEntry entry : Collections.list(jar.entries())) {
        byte[] content = jar.getInputStream(entry).readAllBytes();
        ZipEntry copied = new ZipEntry(entry.getName());
        copied.setTime(entry.getTime());
        copy.putNextEntry(copied);
        copy.write(entry.getName().endsWith(".class") ? upgrade(classFiles, content) : content);
        copy.closeEntry();
      }
    }
  }

  private static byte[] upgrade(ClassFile classFiles, byte[] bytes) {
    ClassModel model = classFiles.parse(bytes);
    if (model.majorVersion() >= FIRST_CACHEABLE_VERSION) {
      return bytes;
    }
    // Each method body is transformed, or its stack maps would not be generated.
    ClassTransform bodies =
        ClassTransform.transformingMethodBodies((builder, element) -> builder.with(element));
    return classFiles.transformClass(
        model,
        bodies.andThen((builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
          } else {
            builder.with(element);
          }
        }));
  }
}
