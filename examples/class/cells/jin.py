# how large is the image?
while True:
    try:
        rows = int(input("rows: "))
        break
    except:
        print("a number, please")
