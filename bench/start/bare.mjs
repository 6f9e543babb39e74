// The least that a process can do before it says something.
process.stdout.write('first step\n');
