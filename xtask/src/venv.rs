//! The Python packages that this project is held against, in a virtual environment under the target folder.
